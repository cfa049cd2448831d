//! What each request of a client does: the rules first, then the media, then what everybody is told.

use std::net::IpAddr;

use mediasoup::prelude::{ConsumerLayers, MediaKind, ProducerId};
use serde::Serialize;
use serde_json::{Value, json};
use tracing::{debug, info};

use super::actions::for_everybody;
use super::recording::StopReply;
use super::task::{Work, now};
use super::{Ask, Outcome};
use crate::media::Consumed;
use crate::room::{Action, Actor, Effect, Identity, Knocked, Newcomer, Role, Seat};
use crate::signaling::Client;
use crate::wire::{
    CapabilitiesAck, ConnectTransport, Consume, ConsumeAck, CreateTransport, Devices, Join, JoinChat, OfProducer,
    Produce, ProduceAck, Refusal, Request, RestartIceAck, Secret, ServerEvent, SetConsumerLayers, SocketId,
    TransportAck, UserId,
};

type Answer = Result<Value, Refusal>;

/// How much of a message's id a refusal repeats, in bytes.
const MAX_MESSAGE_ID: usize = 128;

impl Work {
    /// Answers a request, and tells what became of it.
    pub(super) async fn answer(&mut self, ask: Ask) -> Outcome {
        let peer = ask.socket_id();
        let event = ask.request.event();
        let outcome = match &ask.request {
            Request::Join(_) => Outcome::Joined,
            Request::LeaveRoom(_) => Outcome::Left,
            _ => Outcome::Answered,
        };
        let Ask {
            client,
            address,
            identity,
            is_remembered,
            request,
            reply,
        } = ask;
        let message_id = message_of(&request);
        let result = match request {
            Request::GetRtpCapabilities(_) => json_of(&CapabilitiesAck {
                rtp_capabilities: self.media.router().rtp_capabilities(),
                door: self.room.door().kind,
            }),
            // A join tells its own answer, in between what others are told.
            Request::Join(join) => match self.join(client.clone(), address, identity, join).await {
                Ok((ack, afterwards)) => {
                    reply.give(&ack);
                    self.perform(afterwards).await;
                    return outcome;
                }
                Err(refusal @ Refusal::WaitingForHost) => {
                    reply.refuse(&refusal);
                    return Outcome::Waits;
                }
                Err(refusal) => Err(refusal),
            },
            Request::LeaveRoom(_) if self.room.awaits(&peer) => {
                let effects = self.room.hang_up(&peer, true, now());
                self.and(effects).await
            }
            // How a recording went is known when its tracks are on the disk, and the meeting does not wait for that.
            Request::StopRecording(_) => match self.may_record(&peer) {
                Ok(()) => {
                    self.stop_recording(StopReply::Peer(reply));
                    return outcome;
                }
                Err(refusal) => Err(refusal),
            },
            request => match self.room.seat_of(&peer) {
                Some(seat) => {
                    self.companions.heard(seat, &request);
                    self.answer_peer(seat, &client, request).await
                }
                None => match self.companions.seat(&peer, &request) {
                    Some(seat) => self.answer_companion(seat, &client, request).await,
                    // Who said `join-room` is told what was said as soon as there is somebody to whom they belong.
                    None if is_remembered && is_answered_later(&request) => Ok(json!({})),
                    None => Err(Refusal::PeerNotFound),
                },
            },
        };
        match result {
            Ok(ack) => {
                reply.give(&ack);
                outcome
            }
            Err(refusal) => {
                debug!(%peer, event, %refusal, "Request refused");
                if let Some(message_id) = message_id {
                    client.tell(&message_error(message_id, &refusal));
                }
                reply.refuse(&refusal);
                Outcome::Answered
            }
        }
    }

    /// Answers a socket that is there for the chat alone, as its person.
    async fn answer_companion(&mut self, seat: Seat, client: &Client, request: Request) -> Answer {
        match request {
            // It introduces nobody: its person is known already.
            Request::JoinChat(_) => self.tell_history(client).await,
            request => self.answer_peer(seat, client, request).await,
        }
    }

    fn may_record(&self, peer: &SocketId) -> Result<(), Refusal> {
        let seat = self.room.seat_of(peer).ok_or(Refusal::PeerNotFound)?;
        self.room.may_record(seat)
    }

    async fn join(
        &mut self,
        client: Client,
        address: IpAddr,
        identity: Identity,
        join: Join,
    ) -> Result<(Value, Vec<Effect>), Refusal> {
        let identity = Identity::new(join.user_name, join.user_image_url, join.user_id).or(identity);
        let browser = client.in_browser(address);
        let creator = self.creator.as_ref();
        let newcomer = Newcomer {
            id: client.socket_id(),
            is_creator: creator.is_some_and(|creator| creator.is_by(&browser, identity.user_id.as_deref())),
            identity,
            new_token: join.resumable.unwrap_or_default().then(Secret::random),
            old_token: join.resume_token,
            host_key: join.host_key,
            passcode: join.passcode,
            address,
            device: join.device_token,
            left_out: join.left_out,
            understands_paused: join.understands_paused.unwrap_or_default(),
        };
        let joined = match self.room.join(newcomer.clone(), now()) {
            Ok(joined) => joined,
            Err(refusal @ Refusal::WaitingForHost) => {
                self.wait(client, newcomer).await?;
                return Err(refusal);
            }
            Err(refusal) => return Err(refusal),
        };
        let resumed = joined.ack.resumed;
        info!(peer = %client.socket_id(), resumed, is_host = joined.ack.is_host, "Peer joined");
        self.seat(joined.seat, client);
        self.perform(joined.effects).await;
        Ok((json_of(&joined.ack)?, joined.afterwards))
    }

    /// Lets a client wait for a host to let it in.
    async fn wait(&mut self, client: Client, newcomer: Newcomer) -> Result<(), Refusal> {
        let Knocked { id, effects } = self.room.knock(newcomer, now())?;
        info!(peer = %client.socket_id(), "Somebody waits to be let in");
        self.waiting.insert(id, client);
        self.perform(effects).await;
        Ok(())
    }

    async fn answer_peer(&mut self, seat: Seat, client: &Client, request: Request) -> Answer {
        let actor = Actor::Peer(seat);
        match request {
            Request::GetRtpCapabilities(_)
            | Request::Join(_)
            | Request::StopRecording(_)
            | Request::GetSocketIdForUser(_) => Err(Refusal::Internal),
            Request::SetUserId(user) => {
                let effects = self.room.introduce(seat, Identity::from(&user));
                self.and(effects).await
            }
            Request::CreateTransport(body) => self.create_transport(seat, body).await,
            Request::ConnectTransport(body) => self.connect_transport(seat, body).await,
            Request::RestartIce(body) => {
                let id = body.transport_id.or(Refusal::TransportNotFound)?;
                json_of(&RestartIceAck {
                    ice_parameters: self.media.restart_ice(seat, id).await?,
                })
            }
            Request::Produce(body) => self.produce(seat, body).await,
            Request::Consume(body) => self.consume(seat, body).await,
            Request::ResumeConsumer(body) => {
                let id = body.consumer_id.or(Refusal::ConsumerNotFound)?;
                self.media.resume_consumer(seat, id).await?;
                Ok(json!({}))
            }
            Request::PauseConsumer(body) => {
                let id = body.consumer_id.or(Refusal::ConsumerNotFound)?;
                done(self.media.consumer(seat, id)?.pause().await)
            }
            Request::RequestKeyFrame(body) => {
                let id = body.consumer_id.or(Refusal::ConsumerNotFound)?;
                done(self.media.consumer(seat, id)?.request_key_frame().await)
            }
            Request::SetConsumerLayers(body) => self.set_consumer_layers(seat, body).await,
            Request::SetConsumerPriority(body) => {
                let id = body.consumer_id.or(Refusal::ConsumerNotFound)?;
                done(self.media.consumer(seat, id)?.set_priority(body.priority.get()).await)
            }
            Request::GetStats(body) => {
                let id = body.transport_id.or(Refusal::TransportNotFound)?;
                json_of(&self.media.stats(seat, id).await?)
            }
            Request::PauseProducer(body) => self.pause(seat, body, true).await,
            Request::ResumeProducer(body) => self.pause(seat, body, false).await,
            Request::CloseProducer(body) | Request::ScreenShareStopped(body) => {
                let effects = self
                    .room
                    .close_stream(seat, body.producer_id.or(Refusal::ProducerNotFound)?)?;
                self.and(effects).await
            }
            Request::ScreenShareStarted(body) => {
                self.room
                    .owned_stream(seat, body.producer_id.or(Refusal::ProducerNotFound)?)?;
                self.and(Vec::new()).await
            }
            Request::UpdateMyState(body) => {
                let effects = self
                    .room
                    .update_state(seat, body.is_audio_muted, body.is_video_paused)?;
                self.and(effects).await
            }
            Request::LeaveRoom(_) => {
                let effects = self.room.leave(seat);
                self.and(effects).await
            }
            Request::SendMessage(body) => {
                let effects = self.room.say(seat, body.message, now())?;
                self.and(effects).await
            }
            Request::GetChatHistory(_) | Request::RequestChatHistory(_) => self.tell_history(client).await,
            Request::TypingStart(_) => {
                let effects = self.room.type_message(seat, true)?;
                self.and(effects).await
            }
            Request::TypingStop(_) => {
                let effects = self.room.type_message(seat, false)?;
                self.and(effects).await
            }
            Request::MessageReact(body) => {
                let effects = self.room.react_to_message(seat, &body.message_id, body.emoji)?;
                self.and(effects).await
            }
            Request::PinMessage(body) => {
                let effects = self.room.pin_message(seat, &body.message_id, body.pinned)?;
                self.and(effects).await
            }
            Request::JoinChat(chat) => {
                let effects = self.room.introduce(seat, Identity::from(&chat));
                self.perform(effects).await;
                self.tell_history(client).await
            }
            Request::SendReaction(body) => {
                let effects = self.room.react(seat, body.emoji, None)?;
                self.and(effects).await
            }
            Request::VideoReaction(body) => {
                let effects = self.room.react(seat, body.emoji, body.session_id)?;
                self.and(effects).await
            }
            Request::SetLeftOut(body) => {
                let effects = self.room.leave_out(seat, body.left_out);
                self.and(effects).await
            }
            Request::OfferFile(body) => self.offer_file(seat, body),
            Request::StartRecording(_) => {
                self.room.may_record(seat)?;
                self.answer_start_recording().await
            }
            Request::GetRecordingLink(body) => {
                self.room.may_fetch_recordings(seat)?;
                self.recording_link(body.recording_id)
            }
            Request::SetHand(body) => {
                let effects = self.room.set_hand(seat, body.raised, body.target_user_id, now())?;
                self.and(effects).await
            }
            Request::ToggleRemoteAudio(body) => self.act(actor, body.into()).await,
            Request::ToggleRemoteVideo(body) => self.act(actor, body.into()).await,
            Request::StopRemoteScreenshare(body) => self.act(actor, Action::StopScreenShare(body.target_user_id)).await,
            Request::RemoveParticipant(body) => self.act(actor, Action::Remove(body.target_user_id)).await,
            Request::LetBackIn(body) => self.act(actor, Action::LetBackIn(body.removed_id)).await,
            Request::SetRoomPolicy(body) => self.act(actor, body.into()).await,
            Request::SetRoomDoor(body) => self.act(actor, body.into()).await,
            Request::Admit(body) => self.act(actor, Action::Admit(body.waiting_id)).await,
            Request::TurnAway(body) => self.act(actor, Action::TurnAway(body.waiting_id)).await,
            Request::MuteAll(_) => self.act(actor, for_everybody(Devices::Microphones, false)).await,
            Request::UnmuteAll(_) => self.act(actor, for_everybody(Devices::Microphones, true)).await,
            Request::DisableAllCameras(_) => self.act(actor, for_everybody(Devices::Cameras, false)).await,
            Request::EnableAllCameras(_) => self.act(actor, for_everybody(Devices::Cameras, true)).await,
            Request::DisableAllScreens(_) | Request::HostDisableScreens(_) => {
                self.act(actor, for_everybody(Devices::Screens, false)).await
            }
            Request::EnableAllScreens(_) | Request::HostEnableScreens(_) => {
                self.act(actor, for_everybody(Devices::Screens, true)).await
            }
            Request::HostBulkAction(body) => self.act(actor, for_everybody(body.devices, body.grant)).await,
            Request::MakeHost(body) => self.act(actor, Action::Grant(body.participant_id, Role::Host)).await,
            Request::RemoveHost(body) => self.act(actor, Action::Revoke(body.participant_id, Role::Host)).await,
            Request::MakeCohost(body) => self.act(actor, Action::Grant(body.participant_id, Role::CoHost)).await,
            Request::RemoveCohost(body) => self.act(actor, Action::Revoke(body.participant_id, Role::CoHost)).await,
        }
    }

    async fn create_transport(&mut self, seat: Seat, body: CreateTransport) -> Answer {
        let replaces = body.replaces.unwrap_or_default();
        let (params, ended) = self.media.create_transport(seat, body.direction, replaces).await?;
        let effects = self.room.close_streams(seat, ended);
        self.perform(effects).await;
        json_of(&TransportAck { params })
    }

    async fn connect_transport(&mut self, seat: Seat, body: ConnectTransport) -> Answer {
        let id = body.transport_id.or(Refusal::TransportNotFound)?;
        let ended = self.media.connect(seat, id, body.dtls_parameters).await?;
        let effects = self.room.close_streams(seat, ended);
        self.and(effects).await
    }

    async fn produce(&mut self, seat: Seat, body: Produce) -> Answer {
        let (kind, is_screen_share) = (body.kind, body.is_screen_share());
        let stream = match self.room.may_produce(seat, kind, is_screen_share) {
            Ok(stream) => stream,
            Err(refusal) => {
                let told = self.room.told_beside(seat, kind, is_screen_share, &refusal);
                self.perform(told.into_iter().collect()).await;
                return Err(refusal);
            }
        };
        let (id, ended) = self.media.produce(seat, body, stream.paused).await?;
        let mut effects = self.room.close_streams(seat, ended);
        effects.extend(self.room.produced(seat, id, stream));
        self.perform(effects).await;
        json_of(&ProduceAck {
            id,
            paused: stream.paused,
        })
    }

    async fn consume(&mut self, seat: Seat, body: Consume) -> Answer {
        self.media.may_consume(seat)?;
        let producer_id = body.producer_id.or(Refusal::ProducerNotFound)?;
        let (sender, peer_id) = self.room.sender_of(producer_id).ok_or(Refusal::ProducerNotFound)?;
        let stream = self.room.owned_stream(sender, producer_id)?;
        let peer = self.room.peer(sender).ok_or(Refusal::ProducerNotFound)?;
        let (user_id, user_name) = (peer.identity.user_id.clone(), peer.name());
        let Consumed {
            id,
            kind,
            rtp_parameters,
            layers,
            producer_paused,
        } = {
            let over = body.transport_id.and_then(|id| id.or(()).ok());
            self.media
                .consume(seat, producer_id, body.rtp_capabilities, over)
                .await?
        };
        json_of(&ConsumeAck {
            id,
            producer_id,
            kind,
            rtp_parameters,
            peer_id,
            user_id,
            user_name,
            is_screen_share: stream.is_screen_share,
            app_data: self.media.app_data(sender, producer_id),
            layers,
            producer_paused,
        })
    }

    async fn set_consumer_layers(&mut self, seat: Seat, body: SetConsumerLayers) -> Answer {
        let consumer = self
            .media
            .consumer(seat, body.consumer_id.or(Refusal::ConsumerNotFound)?)?;
        if consumer.kind() == MediaKind::Audio {
            return Err(Refusal::Failed("Sound has no layers".to_owned()));
        }
        let layers = ConsumerLayers {
            spatial_layer: body.spatial_layer,
            temporal_layer: body.temporal_layer,
        };
        done(consumer.set_preferred_layers(layers).await)
    }

    async fn pause(&mut self, seat: Seat, body: OfProducer, paused: bool) -> Answer {
        let id: ProducerId = body.producer_id.or(Refusal::ProducerNotFound)?;
        let effects = self.room.pause_stream(seat, id, paused)?;
        self.and(effects).await
    }

    async fn tell_history(&mut self, client: &Client) -> Answer {
        client.tell(&ServerEvent::ChatHistory(self.room.chat().history()));
        self.and(Vec::new()).await
    }

    /// Performs what follows; there is nothing to say but that it is done.
    pub(super) async fn and(&mut self, effects: Vec<Effect>) -> Answer {
        self.perform(effects).await;
        Ok(json!({}))
    }
}

/// The message that a request is about, if it is about one of the chat.
pub(crate) fn message_of(request: &Request) -> Option<String> {
    match request {
        Request::SendMessage(body) => Some(body.message.id.clone()),
        Request::MessageReact(body) => Some(body.message_id.clone()),
        Request::PinMessage(body) => Some(body.message_id.clone()),
        _ => None,
    }
}

/// What a client is told beside the refusal of what it sent to the chat.
pub(crate) fn message_error(mut message_id: String, refusal: &Refusal) -> ServerEvent {
    // Not at any length what came at any length.
    message_id.truncate(message_id.floor_char_boundary(MAX_MESSAGE_ID));
    ServerEvent::MessageError {
        message_id,
        error: refusal.to_string(),
    }
}

/// Whether a request of a socket that said `join-room` too early is answered by what follows the join.
fn is_answered_later(request: &Request) -> bool {
    matches!(
        request,
        Request::JoinChat(_) | Request::GetChatHistory(_) | Request::RequestChatHistory(_) | Request::LeaveRoom(_)
    )
}

impl From<&UserId> for Identity {
    /// The label as part of how the client is known.
    fn from(user: &UserId) -> Self {
        Self::new(None, None, Some(user.0.clone()))
    }
}

impl From<&JoinChat> for Identity {
    /// How the client introduces itself.
    fn from(chat: &JoinChat) -> Self {
        Self::new(
            chat.user_name.clone(),
            chat.user_image_url.clone(),
            chat.user_id.clone(),
        )
    }
}

fn done<E: std::fmt::Display>(result: Result<(), E>) -> Answer {
    result.map(|()| json!({})).map_err(crate::media::internal)
}

pub(super) fn json_of(ack: &impl Serialize) -> Answer {
    serde_json::to_value(ack).map_err(crate::media::internal)
}
